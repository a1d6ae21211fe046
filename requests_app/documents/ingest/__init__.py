"""Making a returned file readable: small steps, each recorded, each of which may be killed and run again.

`kinds` lists the steps, `services` asks for them and stops them, `running` claims and runs them, `work` is what a step
gets and gives, `steps` holds one file for each.
"""
