import { Link } from "@tanstack/react-router";
import { api } from "@/api/client";
import { Failure } from "@/parts/Notice";

interface Listed {
  dags: { dag_id: string }[];
}

export function Dags() {
  const found = api.useQuery("get", "/dags", { params: { query: { limit: 100 } } });
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  return (
    <ul>
      {(found.data as Listed | undefined)?.dags.map((dag) => (
        <li key={dag.dag_id}>
          <Link to="/dags/$dagId" params={{ dagId: dag.dag_id }}>
            {dag.dag_id}
          </Link>
        </li>
      ))}
    </ul>
  );
}
