/** The buttons at the end of a row: edit, and delete. What one may not is disabled and says so. */

import { Pencil, Trash2 } from "lucide-react";
import { IconButton } from "@/parts/Button";
import { useMay } from "@/shell/session";
import { useText } from "@/text/text";

interface Props {
  resource: string;
  name: string;
  onEdit: () => void;
  onDelete: () => void;
  /** Why it cannot be deleted, whoever asks. */
  stays?: string | undefined;
}

export function RowActions({ resource, name, onEdit, onDelete, stays }: Props) {
  const { ask } = useText();
  const may = useMay();
  const mayEdit = may("can_edit", resource);
  const mayDelete = may("can_delete", resource);
  return (
    <>
      <IconButton
        label={`${ask.edit} ${name}${mayEdit ? "" : `: ${ask.notAllowed}`}`}
        disabled={!mayEdit}
        onClick={onEdit}
      >
        <Pencil size={15} />
      </IconButton>
      <IconButton
        label={`${ask.delete} ${name}${stays ? `: ${stays}` : mayDelete ? "" : `: ${ask.notAllowed}`}`}
        disabled={!mayDelete || Boolean(stays)}
        onClick={onDelete}
      >
        <Trash2 size={15} />
      </IconButton>
    </>
  );
}
