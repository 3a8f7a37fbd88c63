"""What people do at the door: `entering` (one transaction each), `desk` (the whole of it), `passwords` (hashes)."""
