"""A Comware 7 device, switch and SecPath firewall in one, that speaks its command line over SSH."""
