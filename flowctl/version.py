"""The version of this flowctl, and the Airflow version whose behaviour it reports."""

VERSION = "0.1.0"
__version__ = VERSION

AIRFLOW_VERSION = "2.11.2"
"""What `airflow.__version__` says: current provider packages ask for at least 2.11.0."""
