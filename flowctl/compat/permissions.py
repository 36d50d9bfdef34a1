"""What are the things and the deeds called that `access_control` of a DAG speaks of?

Source: `airflow.security.permissions` of 2.10.5; the values are what people's files compare with.
"""

from dataclasses import dataclass

_RESOURCES = """
    ACTION=Permissions ADMIN_MENU=Admin ASSET=Assets AUDIT_LOG=Audit_Logs BROWSE_MENU=Browse
    CLUSTER_ACTIVITY=Cluster_Activity CONFIG=Configurations CONNECTION=Connections DAG=DAGs
    DAG_CODE=DAG_Code DAG_DEPENDENCIES=DAG_Dependencies DAG_PREFIX=DAG: DAG_RUN=DAG_Runs
    DAG_RUN_PREFIX=DAG_Run: DAG_WARNING=DAG_Warnings DATASET=Datasets DOCS=Documentation
    DOCS_MENU=Docs IMPORT_ERROR=ImportError JOB=Jobs MY_PASSWORD=My_Password MY_PROFILE=My_Profile
    PASSWORD=Passwords PERMISSION=Permission_Views PLUGIN=Plugins POOL=Pools PROVIDER=Providers
    RESOURCE=View_Menus ROLE=Roles SLA_MISS=SLA_Misses TASK_INSTANCE=Task_Instances
    TASK_LOG=Task_Logs TASK_RESCHEDULE=Task_Reschedules TRIGGER=Triggers USER=Users
    USER_STATS_CHART=User_Stats_Chart VARIABLE=Variables WEBSITE=Website XCOM=XComs
"""

RESOURCES = {
    f"RESOURCE_{name}": value.replace("_", " ")
    for name, _, value in (entry.partition("=") for entry in _RESOURCES.split())
}

ACTION_CAN_CREATE = "can_create"
ACTION_CAN_READ = "can_read"
ACTION_CAN_EDIT = "can_edit"
ACTION_CAN_DELETE = "can_delete"
ACTION_CAN_ACCESS_MENU = "menu_access"
DEPRECATED_ACTION_CAN_DAG_READ = "can_dag_read"
DEPRECATED_ACTION_CAN_DAG_EDIT = "can_dag_edit"

DAG_ACTIONS = {ACTION_CAN_READ, ACTION_CAN_EDIT, ACTION_CAN_DELETE}


@dataclass
class DatasetDetails:
    """Which dataset somebody asks to see; packages that know assets import it."""

    uri: str | None = None


def resource_name_for_dag(root_dag_id: str) -> str:
    """Return the name that permissions for one DAG have."""
    prefix = RESOURCES["RESOURCE_DAG_PREFIX"]
    known = root_dag_id == RESOURCES["RESOURCE_DAG"] or root_dag_id.startswith(prefix)
    return root_dag_id if known else f"{prefix}{root_dag_id}"


def __getattr__(name: str) -> str:
    try:
        return RESOURCES[name]
    except KeyError:
        raise AttributeError(name) from None
