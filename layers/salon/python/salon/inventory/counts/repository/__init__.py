"""Every query of counts."""
