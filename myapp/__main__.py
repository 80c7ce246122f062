"""`python -m myapp` starts the program."""

from myapp.desktop import main

main()
