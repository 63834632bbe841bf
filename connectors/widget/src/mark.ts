/** The sign: a doorway with a question mark in it. */
export function mark(): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const sign = document.createElementNS(space, "svg");
  sign.setAttribute("viewBox", "6 6 36 36");
  sign.setAttribute("aria-hidden", "true");
  const lines = ["M12 39V21a12 12 0 0 1 24 0v18", "M19 20.5a5 5 0 1 1 7.4 4.4c-1.6.9-2.4 1.8-2.4 3.6", "M24 35.2v.1"];
  for (let i = 0; i < lines.length; i++) {
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", lines[i]);
    sign.append(line);
  }
  return sign;
}
