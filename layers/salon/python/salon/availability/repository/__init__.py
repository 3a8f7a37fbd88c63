"""Every query of availability."""
