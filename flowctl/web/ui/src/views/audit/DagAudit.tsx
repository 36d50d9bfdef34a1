/** What was changed of one DAG, its runs and tasks. */

import { AuditList } from "@/views/lists/AuditList";
import { useDagId } from "@/views/dag/useDag";

export function DagAudit() {
  return <AuditList dagId={useDagId()} />;
}
