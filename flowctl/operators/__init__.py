"""The building blocks of DAG files, under the module names that Airflow 2 gave them."""
