"""What holds for every test: no law hangs on a clock, the same cases every time, and Ctrl-C reaches child processes.

The last matters where the shell had Ctrl-C ignored (`nohup`, some CI): children inherit that, and could not be stopped.
"""

import signal

from hypothesis import HealthCheck, settings

signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("suite")
