"""Ideas every floor shares. Plain Python: no framework, no database, no clock."""
