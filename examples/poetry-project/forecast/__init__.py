import company_metrics
from units import fahrenheit


def report() -> str:
    return f"{company_metrics.NAME}: {fahrenheit(20):.0f} °F"
