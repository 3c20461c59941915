"""What holds for every test: Ctrl-C reaches the processes that tests begin, also where the shell had it ignored."""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
