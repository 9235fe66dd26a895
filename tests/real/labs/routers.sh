#!/bin/sh
# Three FRR routers between a client and a server; only within private.sh.
#
#   client 10.50.1.10 -- r1 -ospf- r2 -ospf- r3 -- server 10.50.4.10, which also has 10.50.9.10
#
# routers.sh FOLDER PASSWORD. SSH 10.199.0.1..3, administrator netadm, login shell vtysh. r3 tells the others
# of the static routes that its prefix list TO-OSPF permits; it has none to 10.50.9.0/24.
set -eu
folder=$1 password=$2
useradd --create-home --home-dir "$folder/netadm" --shell /usr/bin/vtysh --groups frr,frrvty netadm
echo "netadm:$password" | chpasswd
ssh-keygen -q -t ed25519 -N '' -f "$folder/hostkey"
ip link add mgfrr type bridge; ip addr add 10.199.0.254/24 dev mgfrr; ip link set mgfrr up

space() { ip netns add $1; ip -n $1 link set lo up; }
link() { # space interface address, of both ends
  ip -n $1 link add $2 type veth peer name $5 netns $4
  ip -n $1 addr add $3 dev $2; ip -n $1 link set $2 up
  ip -n $4 addr add $6 dev $5; ip -n $4 link set $5 up
}
for n in 1 2 3; do
  space r$n
  ip netns exec r$n sysctl -qw net.ipv4.ip_forward=1
  ip link add mg$n type veth peer name mgmt0 netns r$n
  ip link set mg$n master mgfrr up
  ip -n r$n addr add 10.199.0.$n/24 dev mgmt0; ip -n r$n link set mgmt0 up
done
space hcl; space hsv
link hcl eth0 10.50.1.10/24 r1 lan0 10.50.1.1/24
link hsv eth0 10.50.4.10/24 r3 lan0 10.50.4.1/24
link r1 e12 10.51.12.1/30 r2 e21 10.51.12.2/30
link r2 e23 10.51.23.1/30 r3 e32 10.51.23.2/30
ip -n hcl route add default via 10.50.1.1
ip -n hsv route add default via 10.50.4.1
ip -n hsv addr add 10.50.9.10/32 dev lo

toward() { printf 'interface %s\n ip ospf area 0\n ip ospf network point-to-point\n ip ospf hello-interval 1\n ip ospf dead-interval 4\n ip ospf retransmit-interval 1\nexit\n' $1; }
stub() { printf 'interface %s\n ip ospf area 0\n ip ospf passive\nexit\n' $1; }
ospf() { # router id, more lines
  printf 'router ospf\n ospf router-id %s\n timers throttle spf 0 50 500\n timers throttle lsa all 0\n timers lsa min-arrival 0\n%sexit\n' "$1" "$2"
}
# Each router has /etc/frr and /run/frr of its own, and an SSH server that sees them.
start() {
  conf=/etc/frr-$1 run=/run/frr-$1
  mkdir -p $conf $run
  { printf 'frr defaults traditional\nhostname %s\nservice integrated-vtysh-config\n' $1; cat; } > $conf/frr.conf
  printf 'hostname %s\nservice integrated-vtysh-config\n' $1 > $conf/vtysh.conf
  chown -R frr:frrvty $conf; chmod 2770 $conf; chmod 660 $conf/*
  chown frr:frrvty $run; chmod 750 $run
  cat > "$folder/sshd-$1.conf" <<C
ListenAddress 10.199.0.${1#r}
HostKey $folder/hostkey
PidFile $folder/sshd-$1.pid
UsePAM no
PasswordAuthentication yes
PermitRootLogin no
PrintMotd no
Subsystem sftp internal-sftp
C
  ip netns exec $1 unshare --uts --mount sh -euc '
    hostname "$0"; mount --bind "$2" /etc/frr; mount --bind "$3" /run/frr
    for daemon in zebra staticd ospfd; do
      /usr/lib/frr/$daemon -d -A 127.0.0.1 --log "file:$1/$0-$daemon.log"
    done
    vtysh -b; vtysh -c "write memory"
    /usr/sbin/sshd -f "$1/sshd-$0.conf" -E "$1/sshd-$0.log"
    ' $1 "$folder" $conf $run > "$folder/boot-$1.log" 2>&1
}
{ toward e12; stub lan0; ospf 1.1.1.1 ""; } | start r1
{ toward e21; toward e23; ospf 2.2.2.2 ""; } | start r2
{
  toward e32; stub lan0
  echo 'ip prefix-list TO-OSPF seq 5 permit 10.50.8.0/24'
  printf 'route-map STATICS permit 10\n match ip address prefix-list TO-OSPF\nexit\n'
  ospf 3.3.3.3 ' redistribute static route-map STATICS
'
} | start r3
