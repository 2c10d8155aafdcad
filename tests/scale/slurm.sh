#!/bin/sh
# slurm.sh DSRUN: the example of doc/SCALE.md on a Slurm of one node, started here on loopback: an array of eight shards
# and a merge that depends on it.  One task is killed in the middle and requeued.  Needs root and Debian's slurm-wlm.
set -eu
dsrun=$(readlink -f "$1")
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "scale slurm: skipped ($1)"; exit 0; }
[ "$(id -u)" = 0 ] || skip "not root"
for program in munged slurmctld slurmd sbatch scontrol; do
    PATH=$PATH:/usr/sbin command -v $program >/dev/null || skip "no $program: apt-get install slurm-wlm"
done
PATH=$PATH:/usr/sbin

dir=$(mktemp -d /tmp/ds-slurm.XXXXXX)
chmod 755 "$dir"
pids=
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    sleep 1
    for pid in $pids; do kill -9 "$pid" 2>/dev/null || true; done
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' INT TERM

# Who may talk to the daemons: a key of our own, a socket of our own.
mkdir "$dir/munge" "$dir/ctld" "$dir/d" "$dir/work"
chmod 700 "$dir/munge"
dd if=/dev/urandom of="$dir/munge/key" bs=1024 count=1 2>/dev/null
chmod 400 "$dir/munge/key"
munged --foreground --force --key-file="$dir/munge/key" --socket="$dir/munge.sock" --pid-file="$dir/munge/pid" \
    --log-file="$dir/munge/log" --seed-file="$dir/munge/seed" >/dev/null 2>&1 &
pids="$pids $!"

node=$(hostname -s)
cat >"$dir/slurm.conf" <<END
ClusterName=ds
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.sock
CredType=cred/munge
SlurmctldPort=26817
SlurmdPort=26818
StateSaveLocation=$dir/ctld
SlurmdSpoolDir=$dir/d
SlurmctldPidFile=$dir/ctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/ctld.log
SlurmdLogFile=$dir/d.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
KillWait=1
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$dir/slurm.conf"
slurmctld -D >/dev/null 2>&1 &
pids="$pids $!"
slurmd -D -N "$node" >/dev/null 2>&1 &
pids="$pids $!"
for _ in $(seq 60); do
    sinfo -h -t idle 2>/dev/null | grep -q idle && break
    sleep 0.5
done
sinfo -h -t idle 2>/dev/null | grep -q idle || { tail -n 5 "$dir"/*.log; skip "Slurm does not come up here"; }

# The two scripts of doc/SCALE.md; in the first attempt of task 3 a kill is put in.
cd "$dir/work"
DSRUN=$dsrun; export DSRUN
cat >shard.sh <<'END'
#!/bin/sh
#SBATCH --array=1-8
#SBATCH --requeue
exec "$DSRUN" -q --shard "$SLURM_ARRAY_TASK_ID/8" --state "state.$SLURM_ARRAY_TASK_ID" pricewar
END
cat >merge.sh <<'END'
#!/bin/sh
exec "$DSRUN" -q --merge -f jsonl -o result.jsonl state.1 state.2 state.3 state.4 state.5 state.6 state.7 state.8
END
sed 's|^exec .*|if [ "$SLURM_ARRAY_TASK_ID" = 3 ] \&\& [ "${SLURM_RESTART_COUNT:-0}" = 0 ]; then\
    "$DSRUN" -q --shard 3/8 --state state.3 ./slow.lua \&\
    sleep 1; kill -9 $!; ls -A >killed; sleep 300\
fi\
&|' shard.sh >test.sh
echo 'return { map = function() while true do end end }' >slow.lua
array=$(sbatch --parsable test.sh)
merge=$(sbatch --parsable --dependency=afterok:"$array" merge.sh)
for _ in $(seq 120); do [ -s killed ] && break; sleep 0.5; done
[ -s killed ] || { echo "scale slurm: FAILED: task 3 did not run"; squeue; tail "$dir"/*.log; exit 1; }
[ ! -e state.3 ] || { echo "scale slurm: FAILED: a killed task left a state"; exit 1; }
scontrol requeue "${array}_3"
sleep 5 # a job that starts in the second in which it was killed is taken for the killed one
scontrol update jobid="${array}_3" StartTime=now 2>/dev/null || true # a requeued job would wait two minutes
for _ in $(seq 300); do
    [ -e result.jsonl ] && break
    sleep 0.5
done
[ -e result.jsonl ] || { echo "scale slurm: FAILED: job $merge has no result"; squeue; tail "$dir"/*.log *.out; exit 1; }
"$dsrun" -q -f jsonl pricewar >want.jsonl
cmp want.jsonl result.jsonl || { echo "scale slurm: FAILED: results differ"; exit 1; }
echo "scale slurm: passed (8 shards, one task killed and requeued, one merge: $(wc -l <result.jsonl) rows as in one process)"
