return {
  map = function() end,
  finsh = function() end,
}
