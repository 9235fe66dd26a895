"""An edge firewall that speaks the StoneOS command line over SSH, as strict as a real one."""
