"""Sets up, builds and runs all tests within fixed shares of time. Standard library only.

Reading order: command_line (what can be asked), run (what is done, in which order), plan (shares, budgets, what belongs
to which), tests (ctest over all build folders at once), stopwatch (whose time it was), steps (programs and their logs),
broker (the Kafka that the tests share).
"""
