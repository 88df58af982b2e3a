# SPDX-License-Identifier: ISC
# What Mail::DKIM says of each message named: a line of the file's name, a tab
# and the results of its signatures between spaces. The first argument is a file
# of lines NAME TAB RECORD that answers for DNS.
use strict;
use warnings;
use Mail::DKIM::Verifier;
use Mail::DKIM::DNS;
use Net::DNS;

my %record;
my $keys = shift;
open my $in, '<', $keys or die "$keys: $!\n";
while (<$in>) {
	chomp;
	my ($name, $text) = split /\t/, $_, 2;
	$record{lc $name} = $text;
}
close $in;

no warnings 'redefine';
*Mail::DKIM::DNS::query = sub {
	my $text = $record{lc $_[0]};
	$@ = defined $text ? 'NOERROR' : 'NXDOMAIN';
	return unless defined $text;
	return Net::DNS::RR->new(owner => $_[0], type => 'TXT',
	    txtdata => [$text =~ /(.{1,255})/gs]);
};

for my $path (@ARGV) {
	my @results = eval {
		my $dkim = Mail::DKIM::Verifier->new();
		open my $f, '<:raw', $path or die "$path: $!\n";
		local $/;
		$dkim->PRINT(scalar <$f>);
		close $f;
		$dkim->CLOSE;
		map { ($_->selector // '') . '=' . ($_->result // 'none') }
		    $dkim->signatures;
	};
	push @results, "died: $@" if $@;
	my $line = join ' ', @results;
	$line =~ s/\s+/ /g;
	print "$path\t$line\n";
}
