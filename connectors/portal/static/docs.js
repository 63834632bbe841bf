// Renders openapi.json as a plain page: each route, what goes in, what comes out, and a form to try it.
(async () => {
  "use strict";
  const main = document.getElementById("docs");
  const status = document.getElementById("docs-state");
  let api;
  try {
    api = await (await fetch("/openapi.json")).json();
  } catch {
    status.textContent = "Không đọc được openapi.json. Bạn tải lại trang nhé.";
    return;
  }
  main.removeAttribute("aria-busy");
  status.remove();
  main.append(node("h1", "", `${api.info.title} ${api.info.version}`), node("p", "lead", api.info.summary || ""));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, route] of Object.entries(methods)) main.append(routeBox(path, method, route));
  }
  main.append(node("h2", "", "Kiểu dữ liệu / Types"));
  for (const [name, schema] of Object.entries(api.components.schemas)) main.append(typeBox(name, schema));

  function routeBox(path, method, route) {
    const box = node("section", "route");
    const title = node("h2", "route-title");
    title.append(node("span", `verb verb-${method}`, method.toUpperCase()), " ", node("code", "", path));
    box.append(title, node("p", "route-summary", route.summary || ""), node("p", "", (route.description || "").replaceAll("`", "")));
    const rows = (route.parameters || []).map((given) => [given.name, given.in, typeName(given.schema), given.description || ""]);
    if (rows.length) box.append(table(["Tham số", "Ở", "Kiểu", "Ý nghĩa"], rows));
    const body = route.requestBody?.content?.["application/json"]?.schema;
    if (body) box.append(labelled("Gửi / Request: ", body));
    for (const [code, answer] of Object.entries(route.responses)) {
      const schema = Object.values(answer.content || {})[0]?.schema;
      box.append(labelled(`${code} ${answer.description || ""}: `, schema || {}));
    }
    if (body) box.append(tryForm(path, body));
    return box;
  }

  function typeBox(name, schema) {
    const box = node("section", "route");
    box.id = `type-${name}`;
    box.append(node("h3", "", name));
    const required = new Set(schema.required || []);
    const rows = Object.entries(schema.properties || {}).map(([field, given]) => [
      field + (required.has(field) ? " *" : ""), typeName(given), given.description || "",
    ]);
    box.append(table(["Trường", "Kiểu", "Ý nghĩa"], rows));
    return box;
  }

  function labelled(label, schema) {
    const line = node("p", "answer-line", label);
    const name = typeName(schema);
    const target = Object.keys(api.components.schemas).find((key) => name.replace("[]", "") === key);
    if (!target) line.append(node("code", "", name));
    else {
      const anchor = node("a", "", name);
      anchor.href = `#type-${target}`;
      line.append(anchor);
    }
    return line;
  }

  function tryForm(path, schema) {
    const name = typeName(schema);
    const example = api.components.schemas[name]?.examples?.[0] || {};
    const form = node("form", "try");
    const label = node("label", "", "Thử ngay / Try it");
    const area = node("textarea");
    area.rows = 4;
    area.value = JSON.stringify(example, null, 2);
    area.id = `try-${path}`;
    label.htmlFor = area.id;
    const button = node("button", "send", "Gửi");
    const output = node("pre");
    output.setAttribute("role", "status");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: area.value });
        output.textContent = `${response.status}\n${JSON.stringify(await response.json(), null, 2)}`;
      } catch {
        output.textContent = "Không gửi được. / Could not send.";
      }
    });
    form.append(label, area, button, output);
    return form;
  }

  function typeName(schema) {
    if (!schema) return "";
    if (schema.$ref) return schema.$ref.split("/").pop();
    if (schema.anyOf) return schema.anyOf.map(typeName).join(" | ");
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.type === "array") return `${typeName(schema.items)}[]`;
    return [schema.type || "any", schema.format].filter(Boolean).join(" ");
  }

  function table(heads, rows) {
    const box = node("div", "table-box");
    const grid = node("table");
    const head = node("tr");
    heads.forEach((text) => head.append(node("th", "", text)));
    const top = node("thead");
    top.append(head);
    const body = node("tbody");
    rows.forEach((cells) => {
      const row = node("tr");
      cells.forEach((text) => row.append(node("td", "", text)));
      body.append(row);
    });
    grid.append(top, body);
    box.append(grid);
    return box;
  }

  function node(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
})();
