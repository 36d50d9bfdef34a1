"""An operator of one's own, with the decorator that 1.10 asked for."""

from datetime import datetime

from airflow import DAG
from airflow.models import BaseOperator
from airflow.utils.decorators import apply_defaults


class Greet(BaseOperator):
    template_fields = ("name",)
    ui_color = "#abcdef"

    @apply_defaults
    def __init__(self, name, *args, **kwargs):
        super(Greet, self).__init__(*args, **kwargs)
        self.name = name

    def execute(self, context):
        self.log.info("hello %s", self.name)


with DAG("v1_own_operator", start_date=datetime(2024, 1, 1), schedule_interval=None) as dag:
    Greet(task_id="greet", name="{{ ds }}") >> Greet(task_id="greet_again", name="Ada", owner="ada")
