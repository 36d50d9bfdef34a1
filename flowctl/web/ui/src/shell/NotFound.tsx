import { Link } from "@tanstack/react-router";
import { Empty } from "@/parts/Notice";
import { useText } from "@/text/text";

export function NotFound() {
  const text = useText();
  return (
    <Empty title={text.ask.notFound}>
      <Link to="/dags">{text.ask.home}</Link>
    </Empty>
  );
}
