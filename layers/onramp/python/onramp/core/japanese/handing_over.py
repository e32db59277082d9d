"""Sentences of what is handed over to the product, and given back."""

SENTENCES = {
    "its owner hands it over": "持ち主が引き渡します",
    "its owner takes it back": "持ち主が引き取ります",
    (
        "write in the rule tags what the rules of service {name} ask for, as path-prefix = / with its priority: by "
        "default its listener sends to nobody"
    ): (
        "サービス {name} のルールが求めるものをルールのタグに書いてください(path-prefix = / と priority など): リスナー"
        "のデフォルトはどこにも送りません"
    ),
    (
        "put tag {key} = {yes} on the target group, too, by which service {name} sends to port {port} of the load "
        "balancer by {protocol}: none that is handed over does"
    ): (
        "サービス {name} がロードバランサーのポート {port} へ {protocol} で送るターゲットグループにも、タグ {key} = "
        "{yes} を付けてください: 引き渡されたものにはありません"
    ),
    "write in the listen tag what service {name} listens for: it has no listener {protocol}:{port}": (
        "サービス {name} が待ち受けているものを listen タグに書いてください: リスナー {protocol}:{port} はありません"
    ),
    "write in the listen tag all that service {name} listens for: it has a listener {listener}, too": (
        "サービス {name} が待ち受けているものをすべて listen タグに書いてください: リスナー {listener} もあります"
    ),
    (
        "write in the tags what listener {listener} of service {name} does by default, or change it by hand: it sends "
        "elsewhere or by other weights"
    ): (
        "サービス {name} のリスナー {listener} がデフォルトですることをタグに書くか、手で直してください: 送り先か重みが"
        "違います"
    ),
    "write in the tags what service {name} has, or change it by hand: {why}": (
        "サービス {name} にあるものをタグに書くか、手で直してください: {why}"
    ),
    (
        "put tag {key} = {yes} on the security group of this VPC's association, too, or name it in the security-groups "
        "tag: {groups}"
    ): (
        "この VPC の関連付けのセキュリティグループにもタグ {key} = {yes} を付けるか、security-groups タグに書いてくださ"
        "い: {groups}"
    ),
    "write in the tags who may call as {groups} has it, or change its rules by hand: they differ": (
        "呼び出してよい相手を {groups} のとおりにタグに書くか、そのルールを手で直してください: 違っています"
    ),
    "write in the security-groups tag what the association has, or change that by hand: {groups}": (
        "関連付けにあるものを security-groups タグに書くか、手で直してください: {groups}"
    ),
    (
        "choose another name, or put tag {key} back if a run of this network made it: target group {name} is there "
        "without it"
    ): (
        "別の名前にしてください。このネットワークの実行が作ったものなら、タグ {key} を付け直してください: ターゲットグ"
        "ループ {name} がそのタグなしにあります"
    ),
    (
        "choose another name, or put tag {key} back if a run of this network made it: security group {name} is there "
        "without it"
    ): (
        "別の名前にしてください。このネットワークの実行が作ったものなら、タグ {key} を付け直してください: セキュリティ"
        "グループ {name} がそのタグなしにあります"
    ),
    (
        "listen on another port, or put tag {key} back if a run of this network made it: listener {listener} of "
        "service {name} is there without it"
    ): (
        "別のポートで待ち受けてください。このネットワークの実行が作ったものなら、タグ {key} を付け直してください: サー"
        "ビス {name} のリスナー {listener} がそのタグなしにあります"
    ),
    "mend load balancer {balancer} first, it is told {code}: service {name} is handed over as a whole": (
        "先にロードバランサー {balancer} を直してください ({code} と書かれています): サービス {name} は全体でしか引き継"
        "げません"
    ),
    "take the load balancer out of one of {groups}: it is in {number} target groups and may be in {most}": (
        "ロードバランサーを {groups} のどれかから外してください: {number} 個のターゲットグループに入っていて、上限は "
        "{most} 個です"
    ),
    (
        "take {target} port {port} out of target group {group}: somebody put it there in place of this load balancer"
        " and gets its requests"
    ): (
        "ターゲットグループ {group} から {target} のポート {port} を外してください: このロードバランサーの代わりに"
        "登録され、リクエストを受けています"
    ),
    "remove a listener of service {name} that is not ours: it has the {most} it may": (
        "サービス {name} の、こちらが作ったものでないリスナーを 1 つ削除してください: 上限の {most} つがあります"
    ),
    (
        "write {listens} in the listen tag, or mend the tags of those that it sends to: listener {listener} of service "
        "{name} is in use"
    ): (
        "listen のタグに {listens} を書くか、転送先のタグを直してください: サービス {name} のリスナー {listener} は使わ"
        "れています"
    ),
    "remove the association of {vpc} with the network that somebody else made: it is {status}": (
        "他の手で作られた、{vpc} とネットワークの関連付けを削除してください: {status} です"
    ),
    (
        "give this VPC's association a security group by hand, and put tag lattice-onramp:adopt = yes on it or name it "
        "in the security-groups tag: it has none and lets in all of it"
    ): (
        "この VPC の関連付けに手でセキュリティグループを付け、それにタグ lattice-onramp:adopt = yes を付けるか、"
        "security-groups タグに書いてください: 今は何も付いておらず、VPC 全体を通します"
    ),
    "remove the association of service {name} with the network that somebody else made: it is {status}": (
        "他の手で作られた、サービス {name} とネットワークの関連付けを削除してください: {status} です"
    ),
    (
        "write another {key} where {name} is asked for by name: that service is there without domain {domain}, and "
        "none can be given to it"
    ): (
        "名前で {name} を求めているところに別の {key} を書いてください: そのサービスはドメイン {domain} なしであり、後"
        "から付けることはできません"
    ),
    (
        "make certificate {certificate} the default of the HTTPS listener of load balancer {name} and keep the other "
        "beside it: Lattice calls it only with the service's own"
    ): (
        "ロードバランサー {name} の HTTPS リスナーのデフォルトを証明書 {certificate} にして、今の証明書も残してください"
        ": Lattice が届くのはサービス自身と同じ証明書のときだけです"
    ),
    (
        "choose another domain, or ask account {account} to give it up: {domain} is on the network already by its "
        "service {service}"
    ): (
        "別のドメインにするか、アカウント {account} に手放すよう頼んでください: {domain} はそのサービス {service} がす"
        "でにネットワークで使っています"
    ),
    (
        "import it anew under its ARN, or name another one in {key} that is ISSUED and covers {domain}: certificate "
        "{certificate}, which the service shows, has ended or is ISSUED no more, and clients refuse it"
    ): (
        "同じ ARN でインポートし直すか、{key} に、ISSUED で {domain} に合う別の証明書を書いてください: サービスが"
        "示す証明書 {certificate} は期限が切れたか、もう ISSUED ではなく、クライアントが拒みます"
    ),
    (
        "name a certificate of this account and region in {key} that is ISSUED with an RSA 2048 key and covers {domain}"
        ": {certificate} is none"
    ): (
        "{key} に、このアカウントとリージョンの、ISSUED で RSA 2048 の、{domain} に合う証明書を書いてください: "
        "{certificate} は合いません"
    ),
    (
        "request a certificate for {domain} with an RSA 2048 key in ACM of this account or write HTTP:80 in {key}: no "
        "ISSUED one covers it"
    ): (
        "このアカウントの ACM で {domain} の証明書を RSA 2048 で発行するか、{key} に HTTP:80 と書いてください: 合う "
        "ISSUED の証明書がありません"
    ),
    "import certificate {id} anew before {ends}: nobody renews it": (
        "証明書 {id} を {ends} までにインポートし直してください: 自動では更新されません"
    ),
    "clients may use {domain} too once its DNS record is an alias or CNAME of {name}": (
        "DNS レコードを {name} へのエイリアスか CNAME にすると、クライアントは {domain} も使えます"
    ),
    (
        "callers sign with SigV4 for vpc-lattice-svcs and their own policies let them Invoke it. Where the network asks"
        " who calls it has to admit them too"
    ): (
        "呼び出し側は vpc-lattice-svcs 向けに SigV4 で署名し、自分のポリシーで vpc-lattice-svcs:Invoke を許可します。"
        "ネットワークも呼び出し元を確かめるなら、そこでも許可が必要です"
    ),
    (
        "callers sign with SigV4 for vpc-lattice-svcs and their own policies let them Invoke it: the network asks who"
        " calls"
    ): (
        "呼び出し側は vpc-lattice-svcs 向けに SigV4 で署名し、自分のポリシーで vpc-lattice-svcs:Invoke を許可します: "
        "ネットワークが呼び出し元を確かめます"
    ),
    "clients may use {domain} too": "クライアントは {domain} も使えます",
    "clients use {domain} and no other name: a connection lives 10 minutes at most": (
        "クライアントは {domain} だけを使います。接続は長くても 10 分です"
    ),
    "the records of {domain} are on their way: until then clients use {name}": (
        "{domain} の DNS レコードを作っています。それまでは {name} を使ってください"
    ),
    "remove {type} {record} from hosted zone {zone} or tag {key}: somebody else made it": (
        "ホストゾーン {zone} から {type} レコード {record} を消すか、タグ {key} を外してください: ほかの人が作ったもの"
        "です"
    ),
    "the records of {domain} are made in hosted zone {zone} when the service answers": (
        "サービスが応答するようになると、{domain} の DNS レコードがホストゾーン {zone} に作られます"
    ),
    "remove {type} {record} from hosted zone {zone} or write none in tag {key}: somebody else made it": (
        "ホストゾーン {zone} から {type} レコード {record} を消すか、タグ {key} に none と書いてください: ほかの人が"
        "作ったものです"
    ),
    "ask account {account} to let {domain} go on network {network}, or write none in tag {key}: it has the records": (
        "アカウント {account} に、ネットワーク {network} で {domain} を手放すよう頼むか、タグ {key} に none と書いて"
        "ください: そのレコードがあります"
    ),
    "ask account {account} to let {domain} go on network {network}, or remove tag {key}: it has the records": (
        "アカウント {account} に、ネットワーク {network} で {domain} を手放すよう頼むか、タグ {key} を外してください:"
        " そのレコードがあります"
    ),
    "ask infra to name the hosted zone of {domain} in HostedZoneArns, or remove {key}: {why}": (
        "インフラに、{domain} のホストゾーンを HostedZoneArns に加えてもらうか、{key} を外してください: {why}"
    ),
    "name {zone} in HostedZoneArns again, or remove the records of {domain} in it: {why}": (
        "{zone} を HostedZoneArns に戻すか、その中の {domain} のレコードを消してください: {why}"
    ),
    "name the hosted zone of {name} in {key} or remove it: {zone} hands that name on by NS records, and nobody finds"
    " what stands below": (
        "{key} に {name} のホストゾーンを書くか、外してください: {zone} は NS レコードでその名前をほかに任せていて、"
        "その下のレコードは誰にも見えません"
    ),
    "name the hosted zone of {name} in {key} or write none there: {zone} hands that name on by NS records, and nobody"
    " finds what stands below": (
        "{key} に {name} のホストゾーンか none を書いてください: {zone} は NS レコードでその名前をほかに任せていて、"
        "その下のレコードは誰にも見えません"
    ),
    "ask infra to name a domain above {domain} in RecordDomains, or remove {key}: it gets no records": (
        "インフラに、{domain} より上のドメインを RecordDomains に加えてもらうか、{key} を外してください:"
        " レコードは作られません"
    ),
    "ask infra to name a domain above {domain} in RecordDomains, or write none in {key}: it gets no records": (
        "インフラに、{domain} より上のドメインを RecordDomains に加えてもらうか、{key} に none と書いてください:"
        " レコードは作られません"
    ),
    "ask infra to name a domain above {domain} in RecordDomains of the member stack of account {account}, or remove"
    " {key}: it gets no records": (
        "インフラに、アカウント {account} のメンバースタックの RecordDomains に {domain} より上のドメインを"
        "加えてもらうか、"
        "{key} を外してください: レコードは作られません"
    ),
    "ask infra to name a domain above {domain} in RecordDomains of the member stack of account {account}, or write none"
    " in {key}: it gets no records": (
        "インフラに、アカウント {account} のメンバースタックの RecordDomains に {domain} より上のドメインを"
        "加えてもらうか、"
        "{key} に none と書いてください: レコードは作られません"
    ),
    "name a domain above {domain} in RecordDomains again, or remove its records in {zone}": (
        "{domain} より上のドメインを RecordDomains に戻すか、{zone} の中のそのレコードを消してください"
    ),
    "name one of {zones} in {key}: several hosted zones are called {name}": (
        "{key} に {zones} のどれかを書いてください: {name} という名前のホストゾーンが複数あります"
    ),
    "make a hosted zone for {domain} in this account or the network account, or remove {key}: none holds it": (
        "このアカウントかネットワークのアカウントに {domain} のホストゾーンを作るか、{key} を外してください:"
        " 合うものがありません"
    ),
    "name a hosted zone in {key} whose name {domain} ends with: {zone} is for {name}": (
        "{key} に、{domain} の末尾と同じ名前のホストゾーンを書いてください: {zone} は {name} のものです"
    ),
    "name a hosted zone of this account or the network account in {key}: {zone} is none": (
        "{key} に、このアカウントかネットワークのアカウントのホストゾーンを書いてください: {zone} はありません"
    ),
    "add {domain} or remove {key}: the records are a domain's": (
        "{domain} を書くか、{key} を外してください: レコードはドメインのものです"
    ),
    "write the id of a hosted zone in tag {key}, as Z0123456789ABC, or {any} for the one of this account that fits: it"
    " has {value}": (
        "タグ {key} に、ホストゾーンの ID を Z0123456789ABC のように書くか、このアカウントで合うものを選ぶ {any} を"
        "書いてください: 今は {value} です"
    ),
    "choose a domain of {most} letters at most or remove {key}: it is too long": (
        "{most} 文字までのドメインにするか、{key} を外してください: 長すぎます"
    ),
    "take this VPC out of hosted zone {twin} so that it finds services below {name}: their records are in {zone} of"
    " account {owner}": (
        "{name} の下のサービスを見つけられるように、この VPC をホストゾーン {twin} から外してください: そのレコードはア"
        "カウント {owner} の {zone} にあります"
    ),
    "take the VPC out of its hosted zone of that name: {why}": (
        "VPC を、その名前のホストゾーンから外してください: {why}"
    ),
    "the hosted zones of {vpc} cannot be read: {why}": "{vpc} のホストゾーンを読めません: {why}",
    "hosted zone {zone} is on its way to {vpc}": "ホストゾーン {zone} を {vpc} に関連付けています",
    "the records of {domain} cannot be read: {why}": "{domain} の DNS レコードを読めません: {why}",
    "make log group {group} in the account of the load balancer, or name one that is there": (
        "ロードバランサーのアカウントにロググループ {group} を作るか、あるものを書いてください"
    ),
    "remove the access log of service {name} that somebody else made, or this tag: it has one only": (
        "他の手で作られた、サービス {name} のアクセスログを削除するか、このタグを外してください: アクセスログは 1 つだ"
        "けです"
    ),
    "put tag {key} = {network} back on {id}: somebody took it off, and without it we may not change it": (
        "{id} にタグ {key} = {network} を付け直してください: 誰かが外したため、変更できません"
    ),
    "put tag {key} = {network} back on {id}: somebody took it off, and without it we may not change it ({name})": (
        "{id} にタグ {key} = {network} を付け直してください: 誰かが外したため、変更できません ({name})"
    ),
    (
        "remove our tag from it, if it is not meant to be ours: nothing shows that we made it, so it is left alone ("
        "{name})"
    ): (
        "こちらのものでなければ、こちらのタグを外してください: こちらが作ったと確認できないため、手を付けません ({name}"
        ")"
    ),
    (
        "remove this auth type if it is not meant: somebody set {type} on service {name}, which turns unsigned callers "
        "away"
    ): (
        "意図したものでなければ、この認証タイプを戻してください: 誰かがサービス {name} に {type} を設定し、署名のない呼"
        "び出しが拒否されています"
    ),
    (
        "remove the rule if it is not meant: somebody made {rule} on listener {listener} of service {name}, and it "
        "takes requests"
    ): (
        "意図したものでなければ、ルールを削除してください: 誰かがサービス {name} のリスナー {listener} に {rule} を作り"
        "、リクエストを受け取っています"
    ),
    "service {name} sends to target group {group}, take it out of its listeners: {why}": (
        "サービス {name} がターゲットグループ {group} に転送しています。リスナーから外してください: {why}"
    ),
    "{groups} refers to security group {group}, take it out of its rules": (
        "{groups} がセキュリティグループ {group} を参照しています。ルールから外してください"
    ),
}
