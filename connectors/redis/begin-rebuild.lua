-- Takes a partition's mark back to nothing, so that its sink brings everything again and publishes none of it.
-- What is shown stays until the sink replaces it; the counters begin again.
-- {'OK', offset that the mark has to reach}; {'NONE'}: no sink has ever used the partition.
-- KEYS 1 applied, 2 counters
local held = redis.call('HMGET', KEYS[1], 'offset', 'rebuildTo')
if not held[1] then
  return { 'NONE' }
end
local target = math.max(tonumber(held[1]), tonumber(held[2] or -1))
if tonumber(held[1]) >= 0 then
  redis.call('UNLINK', KEYS[2])
  redis.call('HDEL', KEYS[1], 'stateOffset')
  redis.call('HSET', KEYS[1], 'offset', -1, 'rebuildTo', target)
end
return { 'OK', target }
