#!/bin/sh
# A Linux firewall (nftables) between a client and a server; only within private.sh.
#
#   client 10.60.1.10 -- inside [fw: nftables, SSH 10.198.0.1] outside -- server 10.60.2.10: 8080 8443 9443
#          8443 9443                                            wan -- world 192.0.2.10, the Internet: what it
#                                                                      sends to 203.0.113.0/24 comes to fw
#   The client takes SSH at 10.197.0.1: it is the site's probing host.
#
# firewall.sh FOLDER PASSWORD PYTHON. The administrator fwadm may use nft, and write below /etc/nftables.d.
set -eu
folder=$1 password=$2 python=$3
useradd --create-home --home-dir "$folder/fwadm" --shell /bin/bash fwadm
echo "fwadm:$password" | chpasswd
install -d -o fwadm -m 755 "$folder/fwadm" /etc/nftables.d
install -d -m 755 "$folder/bin"
install -o root -g fwadm -m 750 /usr/sbin/nft "$folder/bin/nft"
setcap cap_net_admin+ep "$folder/bin/nft"
echo "export PATH=$folder/bin:\$PATH" > "$folder/fwadm/.bash_profile"
for one in client fw server world; do ip netns add $one; ip -n $one link set lo up; done
ip link add mgfw type veth peer name mgmt0 netns fw
ip addr add 10.198.0.254/24 dev mgfw; ip link set mgfw up
ip -n fw addr add 10.198.0.1/24 dev mgmt0; ip -n fw link set mgmt0 up
ip link add mgcl type veth peer name mgmt0 netns client
ip addr add 10.197.0.254/24 dev mgcl; ip link set mgcl up
ip -n client addr add 10.197.0.1/24 dev mgmt0; ip -n client link set mgmt0 up
ip -n client link add eth0 type veth peer name inside netns fw
ip -n server link add eth0 type veth peer name outside netns fw
ip -n client addr add 10.60.1.10/24 dev eth0; ip -n server addr add 10.60.2.10/24 dev eth0
ip -n fw addr add 10.60.1.1/24 dev inside; ip -n fw addr add 10.60.2.1/24 dev outside
ip -n client link set eth0 up; ip -n server link set eth0 up
ip -n fw link set inside up; ip -n fw link set outside up
ip -n client route add default via 10.60.1.1; ip -n server route add default via 10.60.2.1
ip -n world link add eth0 type veth peer name wan netns fw
ip -n world addr add 192.0.2.10/24 dev eth0; ip -n fw addr add 192.0.2.1/24 dev wan
ip -n world link set eth0 up; ip -n fw link set wan up
ip -n world route add 203.0.113.0/24 via 192.0.2.1
ip netns exec fw sysctl -qw net.ipv4.ip_forward=1
cat > /etc/nftables.d/site.nft <<C
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept comment "base"
		iifname "inside" oifname "outside" tcp dport 8080 counter accept comment "old"
		counter drop comment "Default-Deny"
	}

	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
	}

	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
	}
}
C
chown fwadm /etc/nftables.d/site.nft
cp /etc/nftables.d/site.nft "$folder/made.nft"
printf 'flush ruleset\ninclude "/etc/nftables.d/site.nft"\n' > /etc/nftables.conf
ip netns exec fw nft -f /etc/nftables.conf
ssh-keygen -q -t ed25519 -N '' -f "$folder/hostkey"
cat > "$folder/sshd.conf" <<C
ListenAddress 10.198.0.1
HostKey $folder/hostkey
PidFile $folder/sshd.pid
UsePAM no
PasswordAuthentication yes
PermitRootLogin no
PrintMotd no
C
ip netns exec fw unshare --uts sh -c 'hostname fw1; exec "$@"' sh /usr/sbin/sshd -f "$folder/sshd.conf" -E "$folder/sshd.log"
sed -e 's/^ListenAddress .*/ListenAddress 10.197.0.1/' -e 's/sshd.pid/client.pid/' "$folder/sshd.conf" > "$folder/client.conf"
ip netns exec client unshare --uts sh -c 'hostname probe1; exec "$@"' sh /usr/sbin/sshd -f "$folder/client.conf" -E "$folder/client.log"
listens() {
  ip netns exec "$1" "$python" -m http.server "$3" --bind "$2" -d "$folder/bin" >/dev/null 2>&1 &
}
for port in 8080 8443 9443; do listens server 10.60.2.10 $port; done
for port in 8443 9443; do listens client 10.60.1.10 $port; done
