"""The demo: a job is killed while it works, and a verifier that shares no code with it judges what came out.

Reading order: command_line (what can be asked; setting up and clearing up), demo_jobs (which jobs there are), run (the
course of a run), drained_run (that of a job with windows), job (one life of the job, as its log tells it), kills (when to
kill), sides (Kafka, or folders), report (the table), children and screen (processes and progress). The C++ programs beside
it: loader.cc, verifier.cc (judge.h is its core) and window_verifier.cc (window_judge.h).
"""
