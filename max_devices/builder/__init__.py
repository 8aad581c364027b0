"""What turns the sources of the devices into .amxd files, without Max."""
