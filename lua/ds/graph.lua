-- graph.lua: ds.graph, weighted undirected graphs as GraphML, GEXF and SVG.
--
--   nodes  list of {id, label, weight}: ids are unique strings
--   edges  list of {source, target, weight}: ids of nodes
-- The same graph gives the same bytes.

local colon = require "ds.colon"

---@class ds.graph
local Graph = {}

local meta = { __name = "ds.graph", __index = Graph }
function meta.__tostring(self) return ("ds.graph (%d nodes, %d edges)"):format(#self.nodes, #self.edges) end
function meta.__close() end
meta.__gc = meta.__close

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&apos;" }

-- Text of an XML document: what XML 1.0 does not allow becomes a replacement character.
local function xml(s)
  s = tostring(s):gsub("[&<>\"']", ESCAPES):gsub("[%z\1-\8\11\12\14-\31]", "\u{FFFD}"):gsub("\u{FFFE}", "\u{FFFD}"):gsub("\u{FFFF}", "\u{FFFD}")
  return s
end

local function check_weight(x, what)
  if type(x) ~= "number" or not (x > 0 and x < math.huge) then error(("ds.graph: the weight of %s is a number above 0"):format(what), 3) end
end

--- Makes a graph.
---@param nodes {id: string, label: string?, weight: number}[] weight: above 0
---@param edges {source: string, target: string, weight: number}[]
---@return ds.graph
local function new(nodes, edges)
  local known = {}
  for i, n in ipairs(nodes) do
    if type(n.id) ~= "string" or known[n.id] then error(("ds.graph: node %d has no id of its own"):format(i), 2) end
    check_weight(n.weight, "node " .. n.id)
    known[n.id] = i
  end
  for i, e in ipairs(edges) do
    if not known[e.source] or not known[e.target] then error(("ds.graph: edge %d joins no two nodes"):format(i), 2) end
    check_weight(e.weight, ("edge %d"):format(i))
  end
  return setmetatable({ nodes = nodes, edges = edges, _number = known }, meta)
end

--- The graph in GraphML (Brandes and others 2002), which Gephi, Cytoscape, igraph and networkx read.
---@return string
function Graph:graphml()
  local out = { [[
<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="label" for="node" attr.name="label" attr.type="string"/>
  <key id="size" for="node" attr.name="weight" attr.type="double"/>
  <key id="weight" for="edge" attr.name="weight" attr.type="double"/>
  <graph edgedefault="undirected">
]] }
  for _, n in ipairs(self.nodes) do
    out[#out + 1] = ('    <node id="%s"><data key="label">%s</data><data key="size">%.14g</data></node>\n')
      :format(xml(n.id), xml(n.label or n.id), n.weight)
  end
  for _, e in ipairs(self.edges) do
    out[#out + 1] = ('    <edge source="%s" target="%s"><data key="weight">%.14g</data></edge>\n')
      :format(xml(e.source), xml(e.target), e.weight)
  end
  out[#out + 1] = "  </graph>\n</graphml>\n"
  return table.concat(out)
end

--- The graph in GEXF 1.3, Gephi's format.
---@return string
function Graph:gexf()
  local out = { [[
<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" version="1.3">
  <graph defaultedgetype="undirected">
    <attributes class="node"><attribute id="0" title="weight" type="double"/></attributes>
    <nodes>
]] }
  for _, n in ipairs(self.nodes) do
    out[#out + 1] = ('      <node id="%s" label="%s"><attvalues><attvalue for="0" value="%.14g"/></attvalues></node>\n')
      :format(xml(n.id), xml(n.label or n.id), n.weight)
  end
  out[#out + 1] = "    </nodes>\n    <edges>\n"
  for i, e in ipairs(self.edges) do
    out[#out + 1] = ('      <edge id="%d" source="%s" target="%s" weight="%.14g"/>\n')
      :format(i - 1, xml(e.source), xml(e.target), e.weight)
  end
  out[#out + 1] = "    </edges>\n  </graph>\n</gexf>\n"
  return table.concat(out)
end

-- ------------------------------------------------------------------ picture

local ROUNDS <const>, PULL <const> = 300, 3

-- Pushes nodes apart and pulls neighbours together, less and less: Fruchterman and Reingold (1991), "Graph Drawing by
-- Force-Directed Placement".  All begin on a circle, in their order, so that nothing is left to chance; a pull to the
-- middle keeps unconnected parts on the page.
local function layout(self)
  local n, at = #self.nodes, {}
  local k, heat = math.sqrt(1 / math.max(1, n)), 0.1
  for i = 1, n do
    local angle = 2 * math.pi * (i - 1) / n
    at[i] = { x = 0.4 * math.cos(angle), y = 0.4 * math.sin(angle) }
  end
  local most = 0
  for _, e in ipairs(self.edges) do most = math.max(most, e.weight) end
  for round = 1, ROUNDS do
    for i = 1, n do at[i].dx, at[i].dy = -at[i].x * PULL, -at[i].y * PULL end
    local function force(i, j, f, dx, dy)
      at[i].dx, at[i].dy = at[i].dx + dx * f, at[i].dy + dy * f
      at[j].dx, at[j].dy = at[j].dx - dx * f, at[j].dy - dy * f
    end
    for i = 1, n do
      for j = i + 1, n do
        local dx, dy = at[i].x - at[j].x, at[i].y - at[j].y
        force(i, j, k * k / math.max(1e-4, dx * dx + dy * dy), dx, dy)
      end
    end
    for _, e in ipairs(self.edges) do
      local i, j = self._number[e.source], self._number[e.target]
      local dx, dy = at[i].x - at[j].x, at[i].y - at[j].y
      force(i, j, -math.sqrt(dx * dx + dy * dy) / k * (0.3 + 0.7 * e.weight / most), dx, dy)
    end
    local step = heat * (1 - (round - 1) / ROUNDS)
    for i = 1, n do
      local length = math.sqrt(at[i].dx ^ 2 + at[i].dy ^ 2)
      if length > 0 then
        local s = math.min(length, step) / length
        at[i].x, at[i].y = at[i].x + at[i].dx * s, at[i].y + at[i].dy * s
      end
    end
  end
  return at
end

-- Moves the places into [0.08, 0.92] of a square.
local function fit(at)
  local low_x, low_y, high_x, high_y = math.huge, math.huge, -math.huge, -math.huge
  for _, p in ipairs(at) do
    low_x, high_x, low_y, high_y = math.min(low_x, p.x), math.max(high_x, p.x), math.min(low_y, p.y), math.max(high_y, p.y)
  end
  local span = math.max(high_x - low_x, high_y - low_y, 1e-9)
  for _, p in ipairs(at) do
    p.x = 0.5 + 0.84 * (p.x - (low_x + high_x) / 2) / span
    p.y = 0.5 + 0.84 * (p.y - (low_y + high_y) / 2) / span
  end
  return at
end

--- Where the nodes stand in a square with sides of 1, placed by forces; in their order.
---@return {x: number, y: number}[]
function Graph:places() return fit(layout(self)) end

--- A picture: circles as large as the nodes weigh, lines as thick as the edges, placed by forces.  Time grows with the
--- square of the nodes: some hundreds are fine.
---@param size? integer pixels of a side, 1000 unless told
---@return string svg
function Graph:svg(size)
  size = size or 1000
  local at, out, heavy, thick = self:places(), {}, 0, 0
  for _, n in ipairs(self.nodes) do heavy = math.max(heavy, n.weight) end
  for _, e in ipairs(self.edges) do thick = math.max(thick, e.weight) end
  out[1] = ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif">\n')
    :format(size, size, size, size) .. '<rect width="100%" height="100%" fill="#fff"/>\n<g stroke="#7a8ba3" stroke-opacity="0.5">\n'
  for _, e in ipairs(self.edges) do
    local p, q = at[self._number[e.source]], at[self._number[e.target]]
    out[#out + 1] = ('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke-width="%.1f"><title>%s – %s: %.6g</title></line>\n')
      :format(p.x * size, p.y * size, q.x * size, q.y * size, 1 + 7 * e.weight / thick, xml(e.source), xml(e.target), e.weight)
  end
  out[#out + 1] = '</g>\n<g fill="#c8553d" fill-opacity="0.85">\n'
  for i, n in ipairs(self.nodes) do
    out[#out + 1] = ('<circle cx="%.1f" cy="%.1f" r="%.1f"><title>%s: %.6g</title></circle>\n')
      :format(at[i].x * size, at[i].y * size, 4 + size / 60 * math.sqrt(n.weight / heavy), xml(n.label or n.id), n.weight)
  end
  out[#out + 1] = ('</g>\n<g font-size="%d" text-anchor="middle" fill="#222">\n'):format(size // 70)
  for i, n in ipairs(self.nodes) do
    local r = 4 + size / 60 * math.sqrt(n.weight / heavy)
    out[#out + 1] = ('<text x="%.1f" y="%.1f">%s</text>\n'):format(at[i].x * size, at[i].y * size - r - 4, xml(n.label or n.id))
  end
  out[#out + 1] = "</g>\n</svg>\n"
  return table.concat(out)
end

colon(Graph, "graph", meta)

return new
