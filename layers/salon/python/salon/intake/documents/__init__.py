"""Reading a supplier's document: engines by ports, everything else pure."""
