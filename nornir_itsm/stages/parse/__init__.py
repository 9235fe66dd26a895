"""Raw text and documents of devices and consoles -> normalised facts."""
