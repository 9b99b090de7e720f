"""Mutations: whatever a file says, the command ends with a sentence and a status it promised.

``python -m tests.mutations --seconds 900 --seed 7`` changes intact files at random, runs the
command on them in this process, and judges how it ends. Each case is a function of the seed and
its number, and has a name that plays it again: ``--replay 7-1234``.
"""
