"""A simulated IPAM on HTTPS, which speaks as phpIPAM and as NetBox."""
