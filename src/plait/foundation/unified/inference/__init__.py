"""How a model is run on the machine at hand: threads, arithmetic, compiled or not; and what is fastest here.

plan.py         what may be chosen
arithmetic.py   products with weights in int8 or bf16
compiled.py     the layers that paint, compiled
workload.py     what is asked to find out: questions of the suite, one of each task in turn
sameness.py     whether another arithmetic still answers the same
trial.py        a plan, how long it takes and how much it answers the same
optimizing.py   the door: `plait optimize` comes in here
"""
