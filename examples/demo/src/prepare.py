"""Writes measurements that look the same each time: what a build does once, no run has to."""

import math

print("day,station,temperature")
for day in range(1, 366):
    for station, offset in (("coast", 11.0), ("hills", 7.5), ("plain", 9.0)):
        season = math.cos((day - 200) / 365 * 2 * math.pi)
        print(f"{day},{station},{offset + 9 * season:.2f}")
