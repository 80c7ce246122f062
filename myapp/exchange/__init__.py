"""Files in and out: reads and writes files, and reaches the database through `myapp.store`."""
