"""Prints a banner (figlet, from apt) and a table (pandas, from requirements.txt) of the measurements."""

import os
import subprocess

import pandas as pd

subprocess.run(["figlet", os.environ["REPORT_TITLE"]], check=True)
measurements = pd.read_csv("measurements.csv")
summary = measurements.groupby("station")["temperature"].agg(["min", "mean", "max"]).round(1)
print(summary.to_string())
