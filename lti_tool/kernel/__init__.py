"""What every room stands on: database, clock, actor, errors, settings. Imports no other room."""
