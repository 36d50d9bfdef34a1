import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { cache } from "./api/client";
import { router } from "./routes";
import { askAhead } from "./shell/session";
import "./style/base.css";
import { learn } from "./text/text";

askAhead();
const place = document.getElementById("root");
if (!place) throw new Error("the page has no place for the app");
const root = createRoot(place);

function draw(): void {
  root.render(
    <StrictMode>
      <QueryClientProvider client={cache}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

learn().then(draw, draw); // words that do not come are no reason for an empty page
