"""The command line: one verb a stage, one an application. Imports a stage when its verb is called."""
