import { Plus } from "lucide-react";
import { Button } from "@/parts/Button";
import { useMay } from "@/shell/session";
import { useText } from "@/text/text";

/** Opens the form of a new record, if one may make some. */
export function AddButton({ resource, onClick }: { resource: string; onClick: () => void }) {
  const { ask } = useText();
  const may = useMay()("can_create", resource);
  return (
    <Button look="main" disabled={!may} title={may ? undefined : ask.notAllowed} onClick={onClick}>
      <Plus size={15} aria-hidden="true" />
      {ask.add}
    </Button>
  );
}
