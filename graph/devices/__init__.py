"""Audio devices that call the driver: the null device, PortAudio and JACK.

Floor 11: imports `ports`, `audio_thread`, `engine` and below. `choose` selects the device.
"""
