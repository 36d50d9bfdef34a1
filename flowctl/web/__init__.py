"""The web process: for now whether all is well (`/health`), and a page that says what comes."""
