"""The road: collect → prepare → features → train → predict → evaluate walked in one call. Knows no command line."""
