/** What was changed, by whom, in the whole installation. */

import { AuditList } from "./AuditList";

export function Audit() {
  return <AuditList />;
}
