"""[audio] Everything that runs in a block or a callback: the driver, and its callbacks for each kind of device.

Floor 5: imports `midi`, `memory` and `native`. All of it is compiled; nothing allocates, locks or calls Python.
`engine` calls the driver, `devices` the callbacks.
"""
