"""Open data: what may be taken and used by anybody, with licence, update dates and meanings."""
