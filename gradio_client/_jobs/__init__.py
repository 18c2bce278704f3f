"""Jobs and the sessions that they run in: from the arguments of a call to its result."""
