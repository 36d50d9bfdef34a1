"""How tasks reach other systems: connections by their id."""
