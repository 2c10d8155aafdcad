/*
 * fuzz_yaml.c - front matter: what is parsed can be written as JSON and says the same again, or it is refused with a reason and a
 * place.
 */
#include "fuzz_reader.h"

static const char CHECK[] =
    "local yaml, json = require 'ds.c.yaml', require 'ds.c.json'\n"
    "return function(bytes)\n"
    "  local v, message, place = yaml.parse(bytes)\n"
    "  if v == nil then\n"
    "    if message then assert(type(message) == 'string' and (not place or type(place) == 'table'), 'no reason') end\n"
    "    return\n"
    "  end\n"
    "  local ok, text = pcall(json.encode, v)\n"
    "  if ok then assert(json.encode((json.decode(text))) == text, 'another value when it is read again') end\n"
    "end\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n > 4000)
        return 0;
    fuzz_open_state(CHECK);
    fuzz_call(data, n, "");
    return 0;
}
