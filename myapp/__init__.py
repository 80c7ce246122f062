"""MyApp: a private database, and the desktop shell that makes a Flask application a program."""
