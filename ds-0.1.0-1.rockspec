-- luarocks --lua-version 5.4 make: builds with the Makefile (the Debian packages of `make deps` are needed) and installs
-- the module with its data into a LuaRocks tree.
rockspec_format = "3.0"
package = "ds"
version = "0.1.0-1"
source = { url = "ds-0.1.0.tar.gz", dir = "ds-0.1.0" } -- of `make dist`
description = {
  summary = "Processing core for Chinese news text",
  detailed = [[
    Segmentation of mixed Chinese, Latin and numbers, folding with offsets, conversion between scripts, term matching,
    quotations, quantities, stance, readers for many formats, and indexed stores.]],
  license = "MIT",
}
dependencies = { "lua >= 5.4, < 5.5" }
build = {
  type = "make",
  build_target = "programs",
  build_variables = { PREFIX = "$(PREFIX)", LUA_CFLAGS = "-I$(LUA_INCDIR)" },
  install_target = "install-rock",
  install_variables = { PREFIX = "$(PREFIX)", LIBDIR = "$(LIBDIR)", LUA_CFLAGS = "-I$(LUA_INCDIR)" },
}
