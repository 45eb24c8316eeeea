"""[audio] All that runs in a block or in a callback: the driver, and what surrounds it in each kind of device.

Floor 5: imports `midi`, `memory` and `native`. It is compiled: nothing here allocates, locks, or calls Python.
`engine` calls the driver, `devices` the callbacks.
"""
